// Package charts makes charts of the files of an archive, as Helm's own loader does, bounded: an archive may hold
// archives, and they may be made to do harm.
package charts

import (
	"bytes"
	"io/fs"
	"path"
	"sort"
	"strings"
	"time"

	"slipway/plugins/formats/helm/internal/failure"

	"helm.sh/helm/v4/pkg/chart/loader/archive"
	chart "helm.sh/helm/v4/pkg/chart/v2"
	"helm.sh/helm/v4/pkg/chart/v2/loader"
	"helm.sh/helm/v4/pkg/ignore"
)

const chartFile = "Chart.yaml"

var byteOrderMark = []byte{0xEF, 0xBB, 0xBF}

// File of an archive.
type File struct {
	Path    string
	Content []byte
}

// Fetched is a subchart that was brought from elsewhere: the files of its archive.
type Fetched struct {
	Name  string
	Files []File
}

// Load makes a chart of the files of an archive: those of a folder `name/`, as `helm package` makes them, or those of
// the chart's folder itself. The subcharts that were fetched are put where `helm dependency build` would put them.
func Load(files []File, fetched []Fetched) (*chart.Chart, error) {
	inside, err := root(files)
	if err != nil {
		return nil, err
	}
	for _, subchart := range fetched {
		files, err := root(subchart.Files)
		if err != nil {
			return nil, failure.Invalidf("subchart %s: %v", subchart.Name, err)
		}
		for _, file := range files {
			inside = append(inside, File{Path: "charts/" + subchart.Name + "/" + file.Path, Content: file.Content})
		}
	}
	if err := bounded(inside); err != nil {
		return nil, err
	}
	buffered := make([]*archive.BufferedFile, 0, len(inside))
	for _, file := range inside {
		content := bytes.TrimPrefix(file.Content, byteOrderMark)
		buffered = append(buffered, &archive.BufferedFile{Name: file.Path, Data: content})
	}
	loaded, err := loader.LoadFiles(buffered)
	if err != nil {
		return nil, failure.Of(err)
	}
	inOrder(loaded)
	return loaded, nil
}

// root gives the files of the chart, named from its folder, without what its .helmignore excludes. An archive has been
// through that file already; a folder has not.
func root(files []File) ([]File, error) {
	plain := make([]File, 0, len(files))
	top := false
	for _, file := range files {
		name := path.Clean(file.Path)
		if path.IsAbs(name) || name == ".." || strings.HasPrefix(name, "../") {
			return nil, failure.Invalidf("chart illegally contains content outside the base directory: %q", file.Path)
		}
		top = top || name == chartFile
		plain = append(plain, File{Path: name, Content: file.Content})
	}
	if !top {
		plain = withoutFolder(plain)
	}
	rules, err := ignored(plain)
	if err != nil {
		return nil, err
	}
	kept := plain[:0]
	for _, file := range plain {
		if !excludes(rules, file.Path) {
			kept = append(kept, file)
		}
	}
	for _, file := range kept {
		if file.Path == chartFile {
			return kept, nil
		}
	}
	return nil, failure.Invalidf("Chart.yaml file is missing").
		WithHint("a chart is an archive made by `helm package`, or the folder that holds Chart.yaml")
}

func withoutFolder(files []File) []File {
	inside := make([]File, 0, len(files))
	for _, file := range files {
		if _, rest, found := strings.Cut(file.Path, "/"); found {
			inside = append(inside, File{Path: rest, Content: file.Content})
		}
	}
	return inside
}

func ignored(files []File) (*ignore.Rules, error) {
	rules := ignore.Empty()
	for _, file := range files {
		if file.Path == ignore.HelmIgnore {
			found, err := ignore.Parse(bytes.NewReader(file.Content))
			if err != nil {
				return nil, failure.Invalidf("%s: %v", file.Path, err)
			}
			rules = found
		}
	}
	rules.AddDefaults()
	return rules, nil
}

// excludes says that a file or a folder that it is in is ignored.
func excludes(rules *ignore.Rules, name string) bool {
	for at, letter := range name {
		if letter == '/' && rules.Ignore(name[:at], entry{name[:at], true}) {
			return true
		}
	}
	return rules.Ignore(name, entry{name, false})
}

// entry is what the rules want to know of a file.
type entry struct {
	path   string
	folder bool
}

func (e entry) Name() string       { return path.Base(e.path) }
func (e entry) Size() int64        { return 0 }
func (e entry) ModTime() time.Time { return time.Time{} }
func (e entry) IsDir() bool        { return e.folder }
func (e entry) Sys() any           { return nil }

func (e entry) Mode() fs.FileMode {
	if e.folder {
		return fs.ModeDir
	}
	return 0
}

// inOrder sorts subcharts: the loader gives them in the order of a map.
func inOrder(loaded *chart.Chart) {
	subcharts := loaded.Dependencies()
	sort.SliceStable(subcharts, func(one, other int) bool {
		return key(subcharts[one]) < key(subcharts[other])
	})
	for _, subchart := range subcharts {
		inOrder(subchart)
	}
}

func key(of *chart.Chart) string {
	return of.Name() + "\x00" + of.Metadata.Version
}
