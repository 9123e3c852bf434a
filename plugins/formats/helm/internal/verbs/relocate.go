// Images are pulled from where the release has brought them.

package verbs

import (
	"fmt"
	"strings"

	"slipway/plugins/formats/helm/internal/failure"
	"slipway/plugins/formats/helm/internal/images"
	"slipway/plugins/formats/helm/internal/objects"
)

// relocate writes the images as the deployment registry has them. One that release has not brought cannot be: all of
// them are said at once.
func relocate(workload *objects.Workload, resolved []Resolved) error {
	pulls := map[string]string{}
	for _, one := range resolved {
		if canonical, sound := images.Canonical(one.Reference); sound {
			pulls[canonical] = one.Pull
		}
	}
	var wrong []string
	rewritten := map[string]int{}
	for _, object := range workload.All() {
		images.Visit(object.Content, func(found images.Found) string {
			place := object.ID + found.Pointer
			canonical, sound := images.Canonical(found.Reference)
			pull, brought := pulls[canonical]
			switch {
			case !sound && found.Certain:
				wrong = append(wrong, fmt.Sprintf("%s: %s: %q is no reference of an image", object.Source, place, found.Reference))
				return found.Reference
			case !brought && found.Certain:
				wrong = append(wrong, fmt.Sprintf("%s: %s: the image %s was not found by the release, so nobody brought it",
					object.Source, place, found.Reference))
				return found.Reference
			case pull == "":
				return found.Reference
			}
			at, known := rewritten[found.Reference]
			if !known {
				at = len(workload.Images)
				rewritten[found.Reference] = at
				workload.Images = append(workload.Images, objects.Image{Reference: found.Reference, Pull: pull})
			}
			workload.Images[at].Places = append(workload.Images[at].Places, place)
			return pull
		})
	}
	if len(wrong) > 0 {
		return failure.Invalidf("%s", strings.Join(wrong, "\n")).
			WithHint("name it in `more-images` and release again; or let images stand as they are written: `images = \"as-written\"`")
	}
	return nil
}
