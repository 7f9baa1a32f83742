group "default" { targets = ["b-x", "b-y"] }
target "b" {
  name = "b-${os}"
  matrix = { os = ["x", "y", "z"] }
  args = { OS = upper(os) }
  tags = ["b:${os}"]
}
