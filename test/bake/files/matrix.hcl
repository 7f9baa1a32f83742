target "app" {
  name = "app-${replace(tgt.version, ".", "-")}"
  matrix = {
    tgt = [{ version = "1.0", base = "alpine" }, { version = "2.0", base = "debian" }]
  }
  args = { BASE = tgt.base, VERSION = tgt.version }
  tags = ["app:${tgt.version}"]
}
