// What the host answers, in the words of Go.

package slipway

import (
	types "slipway/internal/bindings/imports/slipway_plugin_types"
	"slipway/wit/runtime"
	wit "slipway/wit/types"
)

// underWay is how many calls of the host have not been taken yet: a goroutine may begin one where another has just ended.
var underWay int

// ask calls the host. What it hands over is pinned until the next verb begins; here it has been taken when the call returns,
// and a verb that reads much would otherwise keep all of it.
func ask[T any](call func() T) T {
	underWay++
	answer := call()
	underWay--
	if underWay == 0 {
		runtime.Unpin()
	}
	return answer
}

// value of what the host answers, or its failure as it is.
func value[T any](call func() wit.Result[T, types.Failure]) (T, error) {
	return valueOf(ask(call))
}

func valueOf[T any](result wit.Result[T, types.Failure]) (T, error) {
	if result.Tag() == wit.ResultErr {
		var none T
		return none, handed(result.Err())
	}
	return result.Ok(), nil
}

// done is for a result that is nothing but done.
func done(call func() wit.Result[wit.Unit, types.Failure]) error {
	_, err := value(call)
	return err
}

func handed(failed types.Failure) error {
	told := &Failure{Kind: FailureKind(failed.Kind), Message: failed.Message}
	told.Hint, _ = option(failed.Hint)
	return told
}

func option[T any](option wit.Option[T]) (T, bool) {
	if option.Tag() == wit.OptionSome {
		return option.Some(), true
	}
	var none T
	return none, false
}

func each[A, B any](list []A, as func(A) B) []B {
	made := make([]B, 0, len(list))
	for _, element := range list {
		made = append(made, as(element))
	}
	return made
}
