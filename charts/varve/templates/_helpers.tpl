{{/* The name of the server's objects. */}}
{{- define "varve.name" -}}
{{- if contains "varve" .Release.Name }}{{ .Release.Name | trunc 50 | trimSuffix "-" }}{{ else }}{{ printf "%s-varve" .Release.Name | trunc 50 | trimSuffix "-" }}{{ end -}}
{{- end }}

{{/* Labels that select the Pods of a component. Takes a dict with root and component. */}}
{{- define "varve.selector" -}}
app.kubernetes.io/name: varve
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end }}

{{- define "varve.labels" -}}
{{ include "varve.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{- end }}

{{- define "varve.secret" -}}
{{ .Values.existingSecret | default (include "varve.name" .) }}
{{- end }}

{{/* A variable of a container whose value is a key of the Secret. Takes a dict with root, name and key. */}}
{{- define "varve.token" -}}
- name: {{ .name }}
  valueFrom:
    secretKeyRef:
      name: {{ include "varve.secret" .root }}
      key: {{ .key }}
{{- end }}

{{/* Where the Pods run. Takes the values of a component. */}}
{{- define "varve.placement" -}}
{{- with .nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}
