variable "REPO" { default = "Team/App" }
variable "LIST" { default = "c,a,b,a" }
function "tag" {
  params = [name]
  variadic_params = rest
  result = ["${lower(REPO)}:${name}", join("-", concat([name], rest))]
}
function "add1" {
  params = [n]
  result = add(n, 1)
}
function "twice" {
  params = [n]
  result = add1(add1(n))
}
target "default" {
  tags = tag("v1", "x", "y")
  args = {
    twice = twice(40)
    split = join("|", sort(distinct(split(",", LIST))))
    upper = upper("abc")
    title = title("hello world")
    substr = substr("héllo", 1, 3)
    trim = trim("??x??", "?")
    trimspace = trimspace("  a b  ")
    trimprefix = trimprefix("v1.2", "v")
    trimsuffix = trimsuffix("a.tar.gz", ".gz")
    replace = replace("a.b.c", ".", "-")
    rreplace = regex_replace("v1.2.3", "v(\\d+)\\.(\\d+).*", "$${1}-$2")
    regex = join(",", regex("(\\w+)-(\\d+)", "app-42"))
    regexall = join(",", regexall("\\d", "a1b2"))
    format = format("%s-%03d-%5.1f-%t|%-5s|%q|%x", "a", 7, 2.25, true, "b", "q\"", 255)
    formatlist = join(" ", formatlist("-%s", ["a", "b"]))
    keys = join(",", keys({ b = 1, a = 2 }))
    values = join(",", values({ b = 1, a = 2 }))
    merge = join(",", values(merge({ a = 1 }, { b = 2, a = 3 })))
    lookup = lookup({ a = "x" }, "b", "fallback")
    element = element(["a", "b"], 3)
    index = ["a", "b"][1]
    attr = { a = { b = "deep" } }.a.b
    length = length(["a", "b"])
    contains = contains(["a"], "a")
    coalesce = coalesce(null, "x")
    flatten = join(",", flatten([["a"], [["b"], "c"]]))
    chunk = length(chunklist(["a", "b", "c"], 2))
    compact = join(",", compact(["a", "", "b"]))
    range = join(",", range(2, 8, 2))
    slice = join(",", slice(["a", "b", "c"], 1, 3))
    reverse = reverse("abc")
    rlist = join("", reverselist(["a", "b"]))
    strlen = strlen("héllo")
    b64 = base64encode("hello")
    b64d = base64decode("aGVsbG8=")
    url = urlencode("a b&c/é")
    md5 = md5("a")
    sha1 = sha1("a")
    sha256 = sha256("a")
    sha512 = sha512("a")
    json = jsonencode({ b = [1, true, null], a = "x<y" })
    jsond = jsondecode("{\"a\": {\"b\": [1, 2]}}").a.b[1]
    csv = csvdecode("a,b\n1,\"x,y\"\n")[0].b
    ceil = ceil(1.2)
    floor = floor(-1.2)
    abs = absolute(-2)
    min = min(3, 1, 2)
    max = max(3, 1, 2)
    pow = pow(2, 10)
    log = log(8, 2)
    int = int(2.9)
    signum = signum(-3)
    parseint = parseint("ff", 16)
    div = divide(9, 2)
    mod = modulo(9, 4)
    and = and(true, false)
    or = or(true, false)
    not = not(true)
    try = try(jsondecode("{").x, "caught")
    can = can(jsondecode("{"))
    date = formatdate("YYYY-MM-DD'T'hh:mm:ss ZZZ EEE MMM D h AA", "2024-02-03T14:05:06Z")
    timeadd = timeadd("2024-02-03T04:05:06Z", "1h30m")
    indent = indent(2, "a\nb")
    chomp = chomp("a\n\n")
    setunion = join(",", sort(setunion(["a"], ["b", "a"])))
    setint = join(",", setintersection(["a", "b"], ["b"]))
    setsub = join(",", setsubtract(["a", "b"], ["b"]))
    zipmap = zipmap(["a"], ["v"]).a
    hasindex = hasindex(["a"], 0)
    product = join(",", [for p in setproduct(["a", "b"], ["x"]) : join("", p)])
  }
}
