target "base" {
  args = { GO = "1.22", A = "base" }
  labels = { maintainer = "team" }
  tags = ["base"]
  cache-from = ["type=registry,ref=cache"]
  secret = ["id=a,env=HOME"]
  attest = ["type=provenance,mode=min"]
  annotations = ["k=v"]
  contexts = { src = "./src", gone = "x" }
}
target "more" {
  args = { B = "more" }
  secret = ["id=b,env=HOME"]
}
target "app" {
  inherits = ["base", "more"]
  args = { A = "app" }
  tags = []
  secret = ["id=c,env=HOME", "id=a,env=HOME"]
  attest = ["type=provenance,mode=max", "type=sbom"]
  contexts = { gone = "" }
  ssh = ["default"]
}
target "child" {
  inherits = ["app"]
  dockerfile-inline = <<EOT
FROM scratch
COPY . /
EOT
}
