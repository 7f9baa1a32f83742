target "a" {
  tags = ["x:1", "x:2"]
  args = { A = "1" }
  context = "dir/./sub/.."
}
target "b" {
  tags = [for t in target.a.tags : "${t}-b"]
  args = target.a.args
  dockerfile = target.a.context
}
group "default" { targets = ["b"] }
group "all" { targets = concat(["a"], group.default.targets) }
