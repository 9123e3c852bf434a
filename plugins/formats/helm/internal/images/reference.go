// Package images finds the images that objects and values name, and puts others in their place.
package images

import (
	"regexp"
	"strings"
)

const (
	hub     = "docker.io"
	library = "library/"
	latest  = "latest"
)

var (
	host   = regexp.MustCompile(`^([a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?)(\.[a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?)*(:[0-9]+)?$`)
	name   = regexp.MustCompile(`^[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*$`)
	tagged = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$`)
	hashed = regexp.MustCompile(`^[a-z0-9]+([+._-][a-z0-9]+)*:[a-f0-9]{32,}$`)
)

// Canonical spells a reference out: with the registry, the folder and the tag that are meant where none is written;
// a digest decides over a tag. Two references that mean the same are then the same text. It is false for what is no
// reference.
func Canonical(reference string) (string, bool) {
	rest, digest, pinned := strings.Cut(reference, "@")
	if pinned && !hashed.MatchString(digest) {
		return "", false
	}
	registry := hub
	if first, after, found := strings.Cut(rest, "/"); found && (strings.ContainsAny(first, ".:") || first == "localhost") {
		registry, rest = first, after
		if !host.MatchString(registry) {
			return "", false
		}
	}
	tag := latest
	if before, after, found := strings.Cut(rest, ":"); found {
		rest, tag = before, after
	}
	if !name.MatchString(rest) || !tagged.MatchString(tag) {
		return "", false
	}
	if registry == "index.docker.io" {
		registry = hub
	}
	if registry == hub && !strings.Contains(rest, "/") {
		rest = library + rest
	}
	if pinned {
		return registry + "/" + rest + "@" + digest, true
	}
	return registry + "/" + rest + ":" + tag, true
}

// explicit says that a text can hardly be anything but a reference: it has a path, and a tag or a digest.
func explicit(text string) bool {
	_, sound := Canonical(text)
	_, last, path := cutLast(text, "/")
	return sound && path && strings.ContainsAny(last, ":@")
}

func cutLast(text, separator string) (string, string, bool) {
	if at := strings.LastIndex(text, separator); at >= 0 {
		return text[:at], text[at+len(separator):], true
	}
	return "", text, false
}
