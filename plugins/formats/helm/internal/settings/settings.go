// Package settings is what deploy.toml says of a chart beside `format` and `from`. What each key means is said in
// settings.schema.json, which a test keeps in step.
package settings

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"slipway/plugins/formats/helm/internal/failure"

	"helm.sh/helm/v4/pkg/chart/common"
	"helm.sh/helm/v4/pkg/chart/v2/loader"
	"helm.sh/helm/v4/pkg/chart/v2/util"
)

// Schema is the JSON Schema of the settings.
//
//go:embed settings.schema.json
var Schema string

// What `images` may say.
const (
	Relocate  = "relocate"
	AsWritten = "as-written"
)

// OfCluster is what `capabilities` says where the chart is rendered for what the environment's cluster is.
const OfCluster = "cluster"

// DefaultKubeVersion is the Kubernetes that charts are rendered for when nobody says otherwise: the one that the
// linked Helm was made for, as a constant, because a cluster is not asked.
const DefaultKubeVersion = "v1.37.0"

// Settings of one chart.
type Settings struct {
	Release     string
	Namespace   string
	KubeVersion *common.KubeVersion
	// APIVersions are all that there are.
	APIVersions common.VersionSet
	// OfCluster says that the environment's cluster decides on both.
	OfCluster bool
	// ValuesFiles are those whose values those of deploy.toml go over, in the folder of deploy.toml.
	ValuesFiles  []string
	Values       map[string]any
	CRDs         bool
	Tests        bool
	Images       string
	ValuesImages bool
	MoreImages   []string
	// Now is what the function of that name answers; without it it is refused.
	Now *time.Time
	// Seed of the functions that answer something random; without it they are refused.
	Seed string
	// Lookup lists the kinds that `lookup` asks the cluster for; the others it does not find.
	Lookup []string
	// said that the namespace was, and is not the one by default.
	said bool
}

// written is the same as it stands in deploy.toml.
type written struct {
	Release      *string         `json:"release"`
	Namespace    *string         `json:"namespace"`
	KubeVersion  *string         `json:"kube-version"`
	APIVersions  []string        `json:"api-versions"`
	Capabilities *string         `json:"capabilities"`
	ValuesFiles  []string        `json:"values-files"`
	Values       json.RawMessage `json:"values"`
	CRDs         *bool           `json:"crds"`
	Tests        *bool           `json:"tests"`
	Images       *string         `json:"images"`
	ValuesImages *bool           `json:"values-images"`
	MoreImages   []string        `json:"more-images"`
	Now          *string         `json:"now"`
	Seed         *string         `json:"seed"`
	Lookup       []string        `json:"lookup"`
}

// At reads them in an environment: a release goes where its target is.
func At(target, text, service string) (*Settings, error) {
	settings, err := Parse(text, service)
	if err != nil || target == "" {
		return settings, err
	}
	var there struct {
		Namespace string `json:"namespace"`
	}
	// Another target may have settings of another form.
	if err := json.Unmarshal([]byte(target), &there); err != nil || there.Namespace == "" {
		return settings, nil
	}
	if settings.said && settings.Namespace != there.Namespace {
		return nil, failure.Invalidf("`namespace` is %q, and that of the environment's target is %q",
			settings.Namespace, there.Namespace).WithHint("leave it away: the target's counts")
	}
	settings.Namespace = there.Namespace
	return settings, nil
}

// Parse reads settings in which every template is expanded. The release is called as the service where nothing else
// is said.
func Parse(text string, service string) (*Settings, error) {
	var found written
	decoder := json.NewDecoder(bytes.NewReader([]byte(text)))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&found); err != nil {
		return nil, failure.Invalidf("the settings: %v", err)
	}
	settings := &Settings{
		Release:      or(found.Release, service),
		Namespace:    or(found.Namespace, "default"),
		APIVersions:  append(slices.Clone(common.DefaultCapabilities.APIVersions), found.APIVersions...),
		OfCluster:    or(found.Capabilities, "") == OfCluster,
		ValuesFiles:  found.ValuesFiles,
		Values:       map[string]any{},
		CRDs:         or(found.CRDs, true),
		Tests:        or(found.Tests, true),
		Images:       or(found.Images, Relocate),
		ValuesImages: or(found.ValuesImages, true),
		MoreImages:   found.MoreImages,
		Seed:         or(found.Seed, ""),
		Lookup:       found.Lookup,
		said:         found.Namespace != nil,
	}
	if err := util.ValidateReleaseName(settings.Release); err != nil {
		return nil, failure.Invalidf("`release` %q: %v", settings.Release, err)
	}
	if settings.Images != Relocate && settings.Images != AsWritten {
		return nil, failure.Invalidf("`images` is %q or %q, not %q", Relocate, AsWritten, settings.Images)
	}
	for _, kind := range settings.Lookup {
		if strings.EqualFold(kind, "secret") {
			return nil, failure.Invalidf("`lookup` lists %s, which is never looked up: what a chart makes of it would be kept and shown", kind).
				WithHint("hand over what the chart would take from it by `values`, as a parameter of type `secret`")
		}
	}
	if found.Capabilities != nil && !settings.OfCluster {
		return nil, failure.Invalidf("`capabilities` is %q or not there, not %q", OfCluster, *found.Capabilities)
	}
	if settings.OfCluster && (found.KubeVersion != nil || found.APIVersions != nil) {
		return nil, failure.Invalidf("`capabilities` is %q, and `kube-version` or `api-versions` say it too", OfCluster).
			WithHint("leave them away, or `capabilities`")
	}
	if err := settings.For(or(found.KubeVersion, DefaultKubeVersion), settings.APIVersions); err != nil {
		return nil, err
	}
	if found.Now != nil {
		now, err := time.Parse(time.RFC3339, *found.Now)
		if err != nil {
			return nil, failure.Invalidf("`now` is a time such as 2026-01-31T12:00:00Z, not %q", *found.Now)
		}
		now = now.UTC()
		settings.Now = &now
	}
	if len(found.Values) > 0 {
		// Helm's own reader of values files: numbers mean in deploy.toml what they mean there.
		values, err := loader.LoadValues(bytes.NewReader(found.Values))
		if err != nil {
			return nil, failure.Invalidf("`values`: %v", err)
		}
		settings.Values = values
	}
	return settings, nil
}

// For says what the chart is rendered for.
func (s *Settings) For(version string, apis []string) error {
	kube, err := common.ParseKubeVersion(version)
	if err != nil {
		return failure.Invalidf("`kube-version`: %v", err)
	}
	s.KubeVersion, s.APIVersions = kube, apis
	return nil
}

func or[T any](value *T, otherwise T) T {
	if value == nil {
		return otherwise
	}
	return *value
}
