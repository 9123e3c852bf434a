// How much a chart may be, with all that is packed in it.

package charts

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"path"
	"strings"

	"slipway/plugins/formats/helm/internal/failure"
)

const (
	// maxBytes of a chart with everything that is packed in it, unpacked.
	maxBytes = 32 << 20
	maxFiles = 10_000
	// maxDepth of charts in charts.
	maxDepth = 16
)

// bounded refuses charts whose packed subcharts are bombs, before Helm's loader unpacks them: it bounds each archive,
// and not all of them together.
func bounded(files []File) error {
	left := budget{bytes: maxBytes, files: maxFiles}
	for _, file := range files {
		if err := left.take(int64(len(file.Content))); err != nil {
			return err
		}
	}
	for _, file := range files {
		if err := left.inside(file.Path, file.Content, depth(file.Path)); err != nil {
			return err
		}
	}
	return nil
}

type budget struct {
	bytes int64
	files int
}

func (b *budget) take(bytes int64) error {
	b.bytes -= bytes
	b.files--
	if b.bytes < 0 {
		return failure.Invalidf("the chart and its subcharts have more than %d MiB unpacked", maxBytes>>20)
	}
	if b.files < 0 {
		return failure.Invalidf("the chart and its subcharts have more than %d files", maxFiles)
	}
	return nil
}

// inside takes what an archive of a subchart holds.
func (b *budget) inside(name string, content []byte, charts int) error {
	if charts > maxDepth {
		return failure.Invalidf("%s: charts are more than %d deep", name, maxDepth)
	}
	if path.Ext(name) != ".tgz" || path.Base(path.Dir(name)) != "charts" {
		return nil
	}
	unzipped, err := gzip.NewReader(bytes.NewReader(content))
	if err != nil {
		return failure.Invalidf("%s: %v", name, err)
	}
	// Headers and padding are read too, whatever the entries say of their sizes.
	entries := tar.NewReader(io.LimitReader(unzipped, 2*maxBytes))
	for {
		entry, err := entries.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return failure.Invalidf("%s: %v", name, err)
		}
		if err := b.take(entry.Size); err != nil {
			return err
		}
		if entry.Typeflag != tar.TypeReg {
			continue
		}
		unpacked, err := io.ReadAll(entries)
		if err != nil {
			return failure.Invalidf("%s: %s: %v", name, entry.Name, err)
		}
		below := path.Clean(strings.ReplaceAll(entry.Name, `\`, "/"))
		if err := b.inside(name+"/"+below, unpacked, charts+depth(below)); err != nil {
			return err
		}
	}
}

// depth counts the charts around a file.
func depth(name string) int {
	return strings.Count("/"+name, "/charts/")
}
