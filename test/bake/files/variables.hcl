variable "TAG" { default = "latest" }
variable "DEBUG" { default = false }
variable "COUNT" { default = 3 }
variable "EMPTY" {}
variable "NOTHING" { default = null }
variable "DERIVED" { default = "${TAG}-x" }
prefix = "registry.example/${TAG}"
target "default" {
  tags = ["${prefix}/app:${TAG}", DERIVED, "n${COUNT}"]
  args = {
    DEBUG = DEBUG
    COUNT = COUNT * 2 + 1
    EMPTY = EMPTY
    NULL  = null
    TERNARY = DEBUG ? "yes" : "no"
    EQ = equal("latest", TAG) ? "same" : ""
    NUM = 1.50
    BIG = 1000000 * 1000000
    NOT = !DEBUG
    NEG = -COUNT
    MOD = 7 % COUNT
    CMP = COUNT >= 3 && 2 < 3 || false
    "quoted-key" = "a"
    (TAG) = "computed"
  }
}
