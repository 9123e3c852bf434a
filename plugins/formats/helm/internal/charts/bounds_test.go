// Archives that are made to do harm.

package charts

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"strings"
	"testing"
)

const chartYAML = "apiVersion: v2\nname: a\nversion: 1.0.0\n"

// packed makes an archive of a chart as `helm package` does.
func packed(t *testing.T, files map[string]string) string {
	t.Helper()
	var archive bytes.Buffer
	zipped := gzip.NewWriter(&archive)
	writer := tar.NewWriter(zipped)
	for name, content := range files {
		if err := writer.WriteHeader(&tar.Header{Name: "a/" + name, Mode: 0o644, Size: int64(len(content))}); err != nil {
			t.Fatal(err)
		}
		if _, err := writer.Write([]byte(content)); err != nil {
			t.Fatal(err)
		}
	}
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	if err := zipped.Close(); err != nil {
		t.Fatal(err)
	}
	return archive.String()
}

func loaded(files map[string]string) error {
	var all []File
	for name, content := range files {
		all = append(all, File{name, []byte(content)})
	}
	_, err := Load(all, nil)
	return err
}

func TestArchivesInArchivesAreBounded(t *testing.T) {
	check := func(expected string, files map[string]string) {
		t.Helper()
		err := loaded(files)
		if expected == "" && err == nil {
			return
		}
		if err == nil || expected == "" || !strings.HasSuffix(err.Error(), expected) {
			t.Errorf("%v and not %q", err, expected)
		}
	}
	inner := packed(t, map[string]string{"Chart.yaml": chartYAML})
	check("", map[string]string{"Chart.yaml": chartYAML, "charts/a.tgz": inner})
	zeros := packed(t, map[string]string{"Chart.yaml": chartYAML, "zeros": strings.Repeat("\x00", 20<<20)})
	check("", map[string]string{"Chart.yaml": chartYAML, "charts/a.tgz": zeros})
	check("the chart and its subcharts have more than 32 MiB unpacked",
		map[string]string{"Chart.yaml": chartYAML, "charts/a.tgz": zeros, "charts/b.tgz": zeros})
	for range maxDepth {
		inner = packed(t, map[string]string{"Chart.yaml": chartYAML, "charts/a.tgz": inner})
	}
	check("charts are more than 16 deep", map[string]string{"Chart.yaml": chartYAML, "charts/a.tgz": inner})
	check("charts/a.tgz: gzip: invalid header", map[string]string{"Chart.yaml": chartYAML, "charts/a.tgz": "this is no archive"})
	check("unexpected EOF", map[string]string{"Chart.yaml": chartYAML, "charts/a.tgz": zeros[:len(zeros)/2]})
	check("chart illegally contains content outside the base directory: \"../x\"", map[string]string{"../x": "", "Chart.yaml": chartYAML})
}

func TestChartsAreFoundInFoldersAndArchives(t *testing.T) {
	for _, prefix := range []string{"", "./", "web/", "web-1.0/"} {
		if err := loaded(map[string]string{prefix + "Chart.yaml": "\xEF\xBB\xBF" + chartYAML, prefix + "templates/x.yaml": ""}); err != nil {
			t.Errorf("%q: %v", prefix, err)
		}
	}
}
