// Package v1 would register the types of custom resource definitions. Which API groups there are is said by the
// scheme of client-go's replacement, these included; the types themselves are not needed to render.
package v1

import "k8s.io/apimachinery/pkg/runtime"

// AddToScheme registers nothing.
func AddToScheme(*runtime.Scheme) error {
	return nil
}
