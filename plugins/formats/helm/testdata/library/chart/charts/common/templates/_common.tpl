{{- define "common.service" }}
apiVersion: v1
kind: Service
metadata: { name: {{ .top.Release.Name }} }
spec: { ports: [{ port: {{ .port }} }], selector: { app: {{ .top.Chart.Name | quote }} } }
{{- end }}
{{- define "common.labels" }}
apiVersion: v1
kind: ConfigMap
metadata: { name: {{ .Release.Name }}-labels }
{{- end }}
