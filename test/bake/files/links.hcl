target "base" {
  tags = ["base:1"]
  output = ["type=registry"]
  platforms = ["linux/amd64"]
}
target "app" {
  contexts = { base = "target:base", alpine = "docker-image://alpine:3" }
  platforms = ["linux/amd64"]
}
target "two" { contexts = { app = "target:app" } }
