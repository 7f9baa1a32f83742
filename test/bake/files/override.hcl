TAG = "overridden"
target "default" { args = { EXTRA = "yes" } }
