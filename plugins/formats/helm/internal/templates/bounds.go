// Functions that make much of little, and how much.

package templates

import (
	"fmt"
	"strings"
	"text/template"

	"github.com/Masterminds/sprig/v3"
)

const (
	// maxOutput of all templates of a chart together.
	maxOutput = 12 << 20
	// maxText that one call makes.
	maxText = 4 << 20
	// maxNumbers in one list.
	maxNumbers = 100_000
)

// bounded has the functions that make much of little. A chart that asks for too much is told so, with file and line;
// without this it would reach the limit of memory, and nobody would know where.
func bounded() template.FuncMap {
	own := sprig.TxtFuncMap()
	untilStep := own["untilStep"].(func(int, int, int) []int)
	seq := own["seq"].(func(...int) string)
	indent := own["indent"].(func(int, string) string)
	steps := func(name string, from, to, step int) error {
		if step == 0 {
			return nil
		}
		return within(name, (to-from)/step, maxNumbers)
	}
	pad := func(name string, spaces int, text string) error {
		if err := within(name, spaces, maxText); err != nil {
			return err
		}
		return within(name, spaces*(1+strings.Count(text, "\n")), maxText)
	}
	return template.FuncMap{
		"until": func(count int) ([]int, error) {
			step := 1
			if count < 0 {
				step = -1
			}
			if err := steps("until", 0, count, step); err != nil {
				return nil, err
			}
			return untilStep(0, count, step), nil
		},
		"untilStep": func(from, to, step int) ([]int, error) {
			if err := steps("untilStep", from, to, step); err != nil {
				return nil, err
			}
			return untilStep(from, to, step), nil
		},
		"seq": func(numbers ...int) (string, error) {
			from, step, to := 1, 1, 0
			switch len(numbers) {
			case 1:
				to = numbers[0]
			case 2:
				from, to = numbers[0], numbers[1]
			case 3:
				from, step, to = numbers[0], numbers[1], numbers[2]
			}
			if err := steps("seq", min(from, to), max(from, to), max(step, -step)); err != nil {
				return "", err
			}
			return seq(numbers...), nil
		},
		"repeat": func(count int, text string) (string, error) {
			if err := within("repeat", count, maxText); err != nil {
				return "", err
			}
			if err := within("repeat", count*len(text), maxText); err != nil {
				return "", err
			}
			return strings.Repeat(text, count), nil
		},
		"indent": func(spaces int, text string) (string, error) {
			if err := pad("indent", spaces, text); err != nil {
				return "", err
			}
			return indent(spaces, text), nil
		},
		"nindent": func(spaces int, text string) (string, error) {
			if err := pad("nindent", spaces, text); err != nil {
				return "", err
			}
			return "\n" + indent(spaces, text), nil
		},
	}
}

// within refuses an amount that is negative or too much.
func within(name string, amount, limit int) error {
	if amount < 0 {
		return fmt.Errorf("%s: negative count %d", name, amount)
	}
	if amount > limit {
		return fmt.Errorf("%s: %d is more than the limit of %d", name, amount, limit)
	}
	return nil
}
