{{- define "inner.text" -}}{{ .Chart.Name }}-text{{- end -}}
