// Helm's log is the run's.

package main

import (
	"bytes"
	"context"
	"log"
	"log/slog"

	host "slipway/plugins/formats/helm/internal/bindings/imports/slipway_plugin_log"
)

// What Helm has to say goes to the log of the run.
func init() {
	log.SetFlags(0)
	slog.SetDefault(slog.New(lines{}))
}

// lines hands records to the host, which knows the time and the plugin by itself.
type lines struct {
	attributes []slog.Attr
}

// Enabled leaves out what only somebody who works on Helm wants to know.
func (lines) Enabled(_ context.Context, level slog.Level) bool {
	return level >= slog.LevelInfo
}

// Handle writes one record.
func (l lines) Handle(_ context.Context, record slog.Record) error {
	var line bytes.Buffer
	line.WriteString(record.Message)
	add := func(attribute slog.Attr) bool {
		line.WriteString(" " + attribute.String())
		return true
	}
	for _, attribute := range l.attributes {
		add(attribute)
	}
	record.Attrs(add)
	host.Emit(levelOf(record.Level), line.String())
	return nil
}

// WithAttrs adds to every record.
func (l lines) WithAttrs(attributes []slog.Attr) slog.Handler {
	return lines{append(l.attributes[:len(l.attributes):len(l.attributes)], attributes...)}
}

// WithGroup has no meaning in a line.
func (l lines) WithGroup(string) slog.Handler {
	return l
}

func levelOf(level slog.Level) host.Level {
	switch {
	case level >= slog.LevelError:
		return host.Level_Error
	case level >= slog.LevelWarn:
		return host.Level_Warn
	default:
		return host.Level_Info
	}
}
