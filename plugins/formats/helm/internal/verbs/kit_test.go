// What the tests of the verbs share: charts of testdata as the host would hand them over.

package verbs

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"slipway/plugins/formats/helm/internal/charts"
	"slipway/plugins/formats/helm/internal/failure"
)

const testdata = "../../testdata"

// archives by their digests.
type archives map[string][]charts.File

func (a archives) Files(blob string) ([]charts.File, error) {
	files, there := a[blob]
	if !there {
		return nil, failure.Invalidf("no blob %s", blob)
	}
	return files, nil
}

// Read gives the first file: what is no archive has one.
func (a archives) Read(blob string) ([]byte, error) {
	files, err := a.Files(blob)
	if err != nil {
		return nil, err
	}
	return files[0].Content, nil
}

// LookUp finds nothing: the cluster of a test is a field of its own.
func (archives) LookUp(wanted Wanted) (string, error) {
	return "", failure.Invalidf("nobody lets %s be looked up", wanted)
}

// Capabilities are known to no test but of a cluster.
func (archives) Capabilities() (string, []string, error) {
	return "", nil, failure.Invalidf("nobody lets it be known what the cluster is")
}

func (archives) Progress(string, int, int) {}

// folder reads the files of a folder, as they are in the archive that a release makes of it.
func folder(t *testing.T, root string) []charts.File {
	t.Helper()
	var files []charts.File
	err := filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := os.ReadFile(name)
		below, _ := filepath.Rel(root, name)
		files = append(files, charts.File{Path: filepath.ToSlash(below), Content: content})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// one makes a chart of a few files.
func one(files map[string]string) archives {
	all := []charts.File{{Path: "Chart.yaml", Content: []byte("apiVersion: v2\nname: one\nversion: 1.0.0\nappVersion: \"7\"\n")}}
	for name, content := range files {
		if name == "Chart.yaml" {
			all = all[1:]
		}
		all = append(all, charts.File{Path: name, Content: []byte(content)})
	}
	return archives{"chart": all}
}

// rendered of a chart, or why not.
func rendered(host Host, settings string, resolved ...Resolved) (document, error) {
	found, err := Render(host, RenderInput{
		Service:     "shop",
		Environment: "prod",
		Artifact:    Artifact{Name: "app", Blob: "chart", Settings: settings},
		Settings:    settings,
		Resolved:    resolved,
	})
	if err != nil {
		return document{}, err
	}
	var read document
	if err := json.Unmarshal(found.Content, &read); err != nil {
		return document{}, err
	}
	read.origins, read.ports, read.notes, read.text = found.Origins, found.Ports, found.Notes, string(found.Content)
	return read, nil
}

// document is the workload as a target reads it.
type document struct {
	Kind     string                     `json:"kind"`
	Artifact string                     `json:"artifact"`
	Digest   string                     `json:"digest"`
	Objects  map[string]json.RawMessage `json:"objects"`
	Hooks    []struct {
		Object json.RawMessage `json:"object"`
		When   []string        `json:"when"`
		Weight int             `json:"weight"`
		Delete []string        `json:"delete"`
	} `json:"hooks"`
	Images []struct {
		Reference string   `json:"reference"`
		Pull      string   `json:"pull"`
		Places    []string `json:"places"`
	} `json:"images"`
	origins []Origin
	ports   []string
	notes   []string
	text    string
}
