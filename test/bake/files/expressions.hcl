# a comment
// another
/* and
   one more */
variable "names" { default = ["b", "a", "c"] }
variable "map" { default = { x = "1", y = "2" } }
target "default" {
  tags = [for n in names : "app:${n}" if n != "c"]
  args = {
    for_obj = join(",", [for k, v in { for k, v in map : v => k } : "${k}=${v}"])
    for_index = join(",", [for i, n in names : "${i}${n}"])
    grouped = join(",", { for n in ["aa", "ab", "b"] : substr(n, 0, 1) => n... }["a"])
    splat = join(",", [{ n = "p" }, { n = "q" }][*].n)
    legacy = join(",", [{ n = "p" }, { n = "q" }].*.n)
    template_if = "%{ if length(names) > 2 }many%{ else }few%{ endif }!"
    template_for = "%{ for n in names ~} ${n}, %{ endfor ~}"
    escape = "$${literal} %%{literal} \u00e9 \t|"
    nested = "${"in${"ner"}"}"
    heredoc = <<-EOT
      first
        second ${names[0]}
      third
    EOT
    plain = <<EOT
  keep \n this
EOT
    multi = (
      1 +
      2
    )
    cond = (length(names) == 3
      ? "three"
      : "other")
    convert = true ? 1 : "x"
    expanded = max([1, 5, 3]...)
    equal = [1, 2] == [1, 2]
    str = "1" + 2
    prec = 1 + 2 * 3 - 4 / 2
  }
  labels = {
    "a.b/c" = "<&>"
    d: "colon",
    e = "comma", f = "same line"
  }
}
