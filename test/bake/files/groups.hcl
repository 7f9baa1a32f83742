group "default" { targets = ["web", "tools"] }
group "tools" {
  targets = ["lint", "docs"]
}
target "web" { tags = ["web"] }
target "lint" { target = "lint" }
target "docs" {
  target = "docs"
  output = ["type=local,dest=out"]
}
