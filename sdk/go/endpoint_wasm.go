// The capability `http`.

package slipway

import (
	http "slipway/internal/bindings/imports/slipway_plugin_http"
	types "slipway/internal/bindings/imports/slipway_plugin_types"
	wit "slipway/wit/types"
)

type (
	pair    = wit.Tuple2[string, string]
	sent    = wit.Result[http.Response, types.Failure]
	sentAll = wit.Result[[]sent, types.Failure]
)

func send(endpoint string, asked Request) (Response, error) {
	answer, err := value(func() sent { return http.Send(endpoint, asRequest(asked)) })
	return asResponse(answer), err
}

func sendAll(endpoint string, asked []Request) ([]Answer, error) {
	answers, err := value(func() sentAll { return http.SendAll(endpoint, each(asked, asRequest)) })
	if err != nil {
		return nil, err
	}
	return each(answers, func(result sent) Answer {
		answer, err := valueOf(result)
		return Answer{asResponse(answer), err}
	}), nil
}

func asRequest(asked Request) http.Request {
	return http.Request{
		Method:    asked.Method,
		Path:      asked.Path,
		Headers:   each(asked.Headers, func(header Header) pair { return pair{F0: header.Name, F1: header.Value} }),
		Body:      asContent(asked.Body),
		TimeoutMs: milliseconds(asked.Timeout),
		QuietMs:   milliseconds(asked.Quiet),
		Effect:    uint8(asked.Effect),
	}
}

func asContent(content Content) http.Content {
	switch content := content.(type) {
	case Bytes:
		return http.MakeContentBytes(content)
	case Blob:
		return http.MakeContentBlob(string(content))
	case Archived:
		return http.MakeContentArchived(http.Archived{Blob: string(content.Blob), Path: content.Path})
	default:
		return http.MakeContentBytes(nil)
	}
}

func asResponse(answer http.Response) Response {
	return Response{
		Status:  int(answer.Status),
		Headers: each(answer.Headers, func(pair pair) Header { return Header{pair.F0, pair.F1} }),
		Body:    answer.Body,
	}
}
