{{- define "check" -}}
{{- if not .Values.ok }}
{{ fail "\nfailing: values are not ok\n  second line" }}
{{- end }}
{{- end -}}
