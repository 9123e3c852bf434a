// The index of an HTTP repository: where the archive of each version of each chart is, and its digest.

package charts

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"path"
	"strings"

	"slipway/plugins/formats/helm/internal/failure"

	"sigs.k8s.io/yaml"
)

// version of a chart in an index.
type version struct {
	Version string   `json:"version"`
	URLs    []string `json:"urls"`
	Digest  string   `json:"digest"`
}

// InIndex finds the archive of a subchart in an index that was read from an address. An index that has no digest of it
// still says where it is: what is fetched there the first time is what is meant.
func InIndex(content []byte, address string, wanted Missing) (reference string, err error) {
	versions, err := versionsOf(content, wanted.Name)
	if err != nil {
		return "", failure.Invalidf("subchart %s: %s: %v", wanted.Name, address, err)
	}
	var known []string
	for _, found := range versions {
		if strings.TrimPrefix(found.Version, "v") != strings.TrimPrefix(wanted.Version, "v") {
			known = append(known, found.Version)
			continue
		}
		at, err := found.reference(address)
		if err != nil {
			return "", failure.Invalidf("subchart %s: %s: version %s: %v", wanted.Name, address, wanted.Version, err).
				WithHint(Vendor)
		}
		return at, nil
	}
	if len(known) == 0 {
		return "", failure.Invalidf("subchart %s: %s has no chart of this name", wanted.Name, address)
	}
	const some = 5
	more := ""
	if len(known) > some {
		known, more = known[:some], " and others"
	}
	return "", failure.Invalidf("subchart %s: %s has no version %s; it has %s%s",
		wanted.Name, address, wanted.Version, strings.Join(known, ", "), more).
		WithHint("run `helm dependency update` in the chart's folder")
}

// reference of the archive, with its digest where the index has one.
func (v version) reference(index string) (string, error) {
	if len(v.URLs) == 0 {
		return "", errors.New("it says of no address where that is")
	}
	at, err := v.absolute(index, v.URLs[0])
	if err != nil || v.Digest == "" {
		return at, err
	}
	digest := strings.TrimPrefix(v.Digest, "sha256:")
	if known, err := hex.DecodeString(digest); err != nil || len(known) != sha256.Size {
		return "", fmt.Errorf("its digest is %q, and should be one of SHA-256", v.Digest)
	}
	return at + "#sha256:" + strings.ToLower(digest), nil
}

// absolute gives an address that may be written as seen from the index. That of an archive in a registry has a tag: the
// version, where the index has none.
func (v version) absolute(index, written string) (string, error) {
	base, err := url.Parse(index)
	if err != nil {
		return "", err
	}
	at, err := base.Parse(written)
	if err != nil {
		return "", err
	}
	at.Fragment = ""
	switch at.Scheme {
	case "http", "https":
		return at.String(), nil
	case "oci":
		if name := path.Base(at.Path); !strings.ContainsAny(name, ":@") {
			at.Path += ":" + tagOf(v.Version)
		}
		return at.String(), nil
	default:
		return "", fmt.Errorf("nothing is fetched from %s://", at.Scheme)
	}
}

// versionsOf reads what an index has of one chart, and nothing else of it: those of big repositories have a hundred
// thousand lines, and a reader of YAML that reads all of them takes half a minute and more memory than there is.
func versionsOf(content []byte, name string) ([]version, error) {
	if trimmed := bytes.TrimSpace(content); len(trimmed) > 0 && trimmed[0] == '{' {
		// JSON has no lines to go by, and is read fast.
		var whole struct {
			Entries map[string][]version `json:"entries"`
		}
		err := yaml.Unmarshal(content, &whole)
		return whole.Entries[name], err
	}
	var versions []version
	err := yaml.Unmarshal(listOf(content, name), &versions)
	return versions, err
}

// listOf cuts the list of one chart out of the lines of an index.
func listOf(content []byte, name string) []byte {
	inEntries, depth := false, -1
	start := -1
	at := 0
	for line := range bytes.Lines(content) {
		from := at
		at += len(line)
		text := bytes.TrimRight(line, " \t\r\n")
		plain := bytes.TrimLeft(text, " ")
		if len(plain) == 0 || plain[0] == '#' {
			continue
		}
		indent := len(text) - len(plain)
		switch {
		case indent == 0 && plain[0] != '-':
			if start >= 0 {
				return content[start:from]
			}
			inEntries = string(plain) == "entries:"
		case !inEntries || plain[0] == '-' && indent <= max(depth, 0):
		case depth < 0 || indent == depth:
			if start >= 0 {
				return content[start:from]
			}
			depth = indent
			key, is := bytes.CutSuffix(plain, []byte(":"))
			if is && strings.Trim(string(key), `"'`) == name {
				start = at
			}
		}
	}
	if start >= 0 {
		return content[start:]
	}
	return nil
}
