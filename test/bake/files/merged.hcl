target "app" {
  tags = ["one"]
  args = { A = "1", B = "1" }
  secret = ["id=a,env=HOME"]
}
target "app" {
  tags = ["two"]
  args = { B = "2" }
  secret = ["id=b,env=HOME"]
}
