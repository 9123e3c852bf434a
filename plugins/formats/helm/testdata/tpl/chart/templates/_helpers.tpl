{{- define "text.name" -}}
{{ .Chart.Name | trunc 3 }}
{{- end -}}
{{- define "text.recursive" -}}
{{- if gt (int .n) 0 }}{{ .n }},{{ include "text.recursive" (dict "n" (sub .n 1)) }}{{ end -}}
{{- end -}}
