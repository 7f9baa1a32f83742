target "default" {
  context    = "app"
  dockerfile = "Dockerfile.prod"
  tags       = ["team/app:1", "team/app:latest", "team/app:1"]
  platforms  = ["linux/amd64", "linux/arm64"]
  no-cache   = true
  pull       = false
}
