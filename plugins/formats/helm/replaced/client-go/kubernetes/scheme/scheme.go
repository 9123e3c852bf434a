// Package scheme says which API groups and versions Kubernetes has: what `.Capabilities.APIVersions` of a chart begins
// with. A test compares them with those of the real program.
package scheme

import (
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// groups in the order in which client-go registers them, each with the versions that it knows.
var groups = []struct {
	group    string
	versions []string
}{
	{"", []string{"v1"}},
	{"admissionregistration.k8s.io", []string{"v1", "v1alpha1", "v1beta1"}},
	{"internal.apiserver.k8s.io", []string{"v1alpha1"}},
	{"apps", []string{"v1", "v1beta1", "v1beta2"}},
	{"authentication.k8s.io", []string{"v1", "v1alpha1", "v1beta1"}},
	{"authorization.k8s.io", []string{"v1", "v1beta1"}},
	{"autoscaling", []string{"v1", "v2"}},
	{"batch", []string{"v1", "v1beta1"}},
	{"certificates.k8s.io", []string{"v1", "v1beta1", "v1alpha1"}},
	{"coordination.k8s.io", []string{"v1alpha2", "v1beta1", "v1"}},
	{"discovery.k8s.io", []string{"v1", "v1beta1"}},
	{"events.k8s.io", []string{"v1", "v1beta1"}},
	{"extensions", []string{"v1beta1"}},
	{"flowcontrol.apiserver.k8s.io", []string{"v1", "v1beta1", "v1beta2", "v1beta3"}},
	{"lifecycle.k8s.io", []string{"v1alpha1"}},
	{"networking.k8s.io", []string{"v1", "v1beta1"}},
	{"node.k8s.io", []string{"v1", "v1alpha1", "v1beta1"}},
	{"policy", []string{"v1", "v1beta1"}},
	{"rbac.authorization.k8s.io", []string{"v1", "v1beta1", "v1alpha1"}},
	{"resource.k8s.io", []string{"v1", "v1beta2", "v1beta1", "v1alpha3"}},
	{"scheduling.k8s.io", []string{"v1alpha3", "v1beta1", "v1"}},
	{"storage.k8s.io", []string{"v1beta1", "v1", "v1alpha1"}},
	{"storagemigration.k8s.io", []string{"v1", "v1beta1"}},
	{"apiextensions.k8s.io", []string{"v1beta1", "v1"}},
}

// Scheme knows the groups, and no types: nothing is decoded here.
var Scheme = known()

func known() *runtime.Scheme {
	scheme := runtime.NewScheme()
	for _, known := range groups {
		for _, version := range known.versions {
			scheme.AddKnownTypes(schema.GroupVersion{Group: known.group, Version: version})
		}
	}
	return scheme
}
