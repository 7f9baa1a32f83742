/** A text that compresses well, and the outputs of the named programs. */
export const song = Array.from(
  { length: 300 },
  (_, i) => `${300 - i} bottles of beer on the wall, take ${((300 - i) * 7919) % 100} down\n`,
).join("");

/** `bzip2 -9` */
export const bzip2 = bytes(
  "QlpoOTFBWSZTWdS9aBgAB5fZgAAQQAR/4DdNnIBQBN4QJtlLqqqqsBnpPU2T/VTVVAAAY/1UaPxUTBGBMV+qqb/9VVNtT01QAAFN" +
    "GgDQAAIqbVTFP/VRQ/1U2oHkn8BRD5BRDyCiHLt06du3bt27du3prXGta1rWvLWtY1rWta8Na1r2a1rWvZrWta8Na1rGta1rXlrW" +
    "uNa1rWtemtdNa1rWtbHIeQhCEIQhCEXzzXOc5znHGgCz0BQkDYfA+BsJAoegLNAHHgAW8egONAFnoChIGw+B8DYSBQ9AWaAOPAAp" +
    "4SBsPgfA2EgUPQL1bq22234pbbbbb6BRD0CiHyCiGwUQ2CiH+BRDl27du3bt27drbbbbX2WSSSS+JJJRW0pVYAAAABrvn7VGRkZG" +
    "Rkdjsdiqqq3WUJA2Xd3brrtx35dKSRikkYJNSOCTUjgk1I4JNSOCTUjgk1I4JNSOCYxzwcvMXGQjIyNa973Gw+B8Lu7Xd1nOR75H" +
    "k1I4JNSOCTUjgkmR0JJkdCSZHQkmR0JJkdCSZHQnd7vZ4fHGvD4fD4cgZy/rvmNhIXdru74zsamfZiZmYmSCCCCCC4uLi7XF2u1v" +
    "GsjI+yZqczMxQ9Bdru7veu9iZmYmZmJEEEEEEFq1atXNzc2rsZ5ld733ve97izQFru7u9e9mJmZiZmYCCCCCCC3jp2t3Fu3bsjIy" +
    "N73re91g48ALu7u7n7u4mZmJmZgggggggukuLeOubNqMjIyNa853uA8PAFVVVVbrtxMzMTMoIIIIIILVzc3W4t4zkZGRkc855zLu" +
    "77jjQCqqqqr51EzMxMkEEEEEEFmzZs3Nm5GeMjIzepnMzMyz0BS7u7utd7EzMxIgggggggv3GKxYx/YFEMBAF9goh7BRD0CiHkFE" +
    "PIKIfQKIfAKIewUQgKIYCiGAohQUQ7AohQFEOgUQ+gUQ+AFEIAoh0CiHAKIYCiGgUQ/4u5IpwoSGpetAwA==",
);

/** `xz` */
export const xz = bytes(
  "/Td6WFoAAATm1rRGBMDqBN5qIQEWAAAAAAAAAJ0wEKvgNV0CYl0AGYwsQGY/DywS+OfS+NeTZMj/CgN/XiA6jPLp8L179LBtIkEV" +
    "GX4MruSVZX2LfeWE2bd7Z30oF9nRNKYib5lasGH5CpsvHyg9P3zmkTU4TWi3Y9blrmHHBion0Yazoat1vz20DgNEazLv3iFDfkya" +
    "uujVkoyRz9ErvZnBvH3I7Ng0Id8M5xuyrRLVLuJ2B2s0O3Wbkf3I37vUMhF+Dp70kS47tWimZOedV5fzlN+mFFmVPgTjMA85uMsa" +
    "A4uG62pD4wDIm09NzWhEoVvdtyuQaDodPnlCE1Tt48KxZgk+GQ4tfe3aYfVIcu4/UbSyUzq2Bu6bLL0HnSoHdEzZFwUHNopLfDQr" +
    "MI3ZUGUHhDhN95LWu/kHpqMa78UZ5JMLIZyYnjF2gc81SLEiFy48EJOyer02uhhD0KPsgdh2oG9uZllaAukS2TvzSyqbHE2ote62" +
    "FF4y/2py4O8dTQxJ9PuD+NE3b44qUJJwyhfM3JlOD4v/G0dzpWMQevO/higa7R0c/8wsrDYie7lDp5ezDxCHWCwKVRbAF7BqmsCP" +
    "bBQ6i18Y9X55epxFIxAfXyW1MiqnKYz6DzMA+6Z5QyX06I2RnIUW2BhHmdqPwt0Ai9mFpo52GsMOKfzIRHf3zm+AsNNW5hkSi1Qv" +
    "AsXEly/cek35/vi1TdLNpT+YeFFlPDxzkpeXJ+r0fPIlir6VWhPH2objUzUW026mkpC5PAalTh3/myO/3bEVvN45CTyli2MbYD2V" +
    "++IytK9VZADMQwdqoiq9ANRjpCGxjR/5tr2hZ/Liof8NhTDM9LmeR6L1umruxh5yAAAAAE7hSogrAPuWAAGGBd5qAAA0LJdAscRn" +
    "+wIAAAAABFla",
);

/** `xz --check=crc32 --block-size=4000` */
export const xzCrc32 = bytes(
  "/Td6WFoAAAFpIt42A8C1AqAfIQEWAAAA36zyVOAPnwEtXQAZjCxAZj8PLBL459L415NkyP8KA39eIDqM8unwvXv0sG0iQRUZfgyu" +
    "5JVlfYt95YTZt3tnfSgX2dE0piJvmVqwYfkKmy8fKD0/fOaRNThNaLdj1uWuYccGKifRhrOhq3W/PbQOA0RrMu/eIUN+TJq66NWS" +
    "jJHP0Su9mcG8fcjs2DQh3wznG7KtEtUu4nYHazQ7dZuR/cjfu9QyEX4OnvSRLju1aKZk551Xl/OU36YUWZU+BOMwDzm4yxoDi4br" +
    "akPjAMibT03NaEShW923K5BoOh0+eUITVO3jwrFmCT4ZDi197dph9Uhy7j9RtLJTOrYG7pssvQedKgd0TNkXBQc2ikt8NCswjdlQ" +
    "ZQeEOE33kta7+QemoxrvxRnkkwshnJieMXaBzzVIsRd3fwoAAAAAAA0X8rcDwMQCoB8hARYAAAB5QnlN4A+fATxdADobCNSTY/If" +
    "8fmUoGjh8JIfX8VPI824Q/c27KsR77w2JPVg6BxycpRCDxqN8Tue+TJuXCTvwjEuHi8nMILQfnwEj1KBNFFg/OIbiPa56ZeC+75G" +
    "dr1ynvAv55FCuYyIsir/mqaC+cdbEL792ZwO8KzUxgVpRqGw1KCdCj92YEMxgvYqCGbfJsKaSv0A4f4sLVw2iwpKOC7EuJ5Ot4n5" +
    "4EMrhCznxRj+D4Qn07z8Vzn2l8X0hJv1NeXhTyBnpSRR5B9zrDsOx+xdF0G9lPA0u/33zfbHvnhqbGvl7+K3MsoXJ3WgwjEZGrqH" +
    "2dt1noW8dsOogmOROcPK4xTTzMOSdfeLHO33/7SuaUGZL6HGeWWtcT7T4Az2asr/243JxDkKAUl9DmWcBt9ppaxfRQ5kyw/xHw9l" +
    "kemIoyiUnAAARcOaQwPA3wKgHyEBFgAAAGY4N5LgD58BV10AEBiIuHIQGIJJ7iMe9TsM+vpD5xBgRteDSOE+AvX3RSRu5vGpJV33" +
    "KXXZ3aj90toeJapRcCzjAHyuB4gaP/f8lB683BNFm1SSPN+0hiDrG057pzmItNJFLidIlb3jIKKOfDSW9jRwrETZZ9E9DM9Rw4Tv" +
    "6XZT815FDqt5P4NohQAPiQaLuOGD/CunQTAQ1hHiqEYwJU6Zk06zqtXVL2lzhlCVBMLBj9Qo91x6lDehUElShsyFLfODaq6UUpjf" +
    "NkHcLl+k4B5e08JtzduJAYWOZ7p3tsjq1v1MsthH+Wp+hvx77TCaenLPyh195ty6OxYQVrPLTAjoCp0YuamyVtccd+QPJd49X6Uf" +
    "9V2CmoCT/9wm1yEeYrEJEv6l8OL8u58DpHHjBewZerSO1jNil7gHpOc4Q6QIYaB7EemACfXpf7GTiKQ97/O2sqVblrBmFdE8zQfP" +
    "/GAnJAAASlBL1APA2gH+DCEBFgAAAECoCVvgBn0A0l0AMogCWCA0IEkrFtA4OqTyN93Lka+ZsyeIzEbXvwz8Y0CRZziG/cDawbRX" +
    "kNwQGRCXJfNqBsno4WLdpLoBqhariVxGz3WtVLgld48Vbr6RJKvhIXI8Hwi5j3NkWm1D2oLqh/8W4kmg8G82i4ilzWuWFkXVP8vg" +
    "rAuwxofSX85zKI5Q+6yQvg2b9S90P/rQDkqFH4qbZGEZk1eCtKJYyC3XsLKVrpqzSsVtpxp5176rS7iJ9fvOw7veITg+UjE0EaF1" +
    "F4KVKnKYbUpac9OHpzo1j5/GAAAAzIIo5QAEyQKgH9gCoB/zAqAf7gH+DAAA7ZYSp4YACJYFAAAAAAFZWg==",
);

/** `xz --check=sha256 --lzma2=lc=1,lp=2,pb=0` */
export const xzSha256 = bytes(
  "/Td6WFoAAArh+wyhBMCSBd5qIQEWAAAAAAAAAGtEsK/gNV0CihMAGYyOwjL1dk/YwdkiqxEaYY3nWv/IYEVtBzTOGGldWICq1ZhQ" +
    "sllMcBH1hLXkLGRqM+gvqyKOrrwX6BZ9luntsZaHncCaxM+LBytEr0tnPb7mX4+6QE/J2/2L0eEU/B+PyOz2CbXV1D3COmmD68Bi" +
    "AUKxVU2kFkV7XnIs9bPzgxT3IW6e7GIJEtkNQjYn3vPTTDxTwI2OwoucyTpOEDlMuIPwvPtDfr3P+cIE3PkHEk1p8aqsym4dM+MP" +
    "hZhwBKMBI70H5gqkpiRdJnazOAyiDdRzvFZ6cVNILElD9fSeL1ZDgw3Ydi6eqBNBICagcjul4WeeHZ3zH9bwlYwDSRIVsvytgf+3" +
    "6Y6j0O6SBnhfiIR0HtxzU5IsJe84Sb5U6ChmyUieASD0WQF20dyg9pNQEgXpF39ThksKzttWQbRs2zn0cFFA025L0FWgUO1g98Kf" +
    "9tWise9vqlRxCmBlVDPEOgYWcCkKOyzcLGg9AbCC2qz9QPkTFWt+EO0QBtC/iOTTHK9iiF6LzIZek7x3CShwkfoNNxDrHLLcGmk2" +
    "uwXRDvPfzn2tbRrTL+cWk9OIQizar6T+BNx6WND/kofCDPDK4R5sMxrvAYUpEO1Po9wco1C6CgMkMJRB6GhSo4tsJFi8vL+bVe22" +
    "r8Zr8YxMCwnyNKbTD0c6UzXKKKOOIEPtifO2YiDXCtTqIvV17SWIbUordIB2hWs0co68vyl/eWWUMjTfroWjDLfN2NgxkiMdK8Uh" +
    "Cv5ZEzoHyR7h8Vs5+492MREECPHf6aCUU7l0XADsRCjWkQ4AMFOfSPvZwxvS5Iu2JkO+4cULtwoX2FFy4ZqsCQbT7oQG13GFj4Yp" +
    "mGZC9Vn6nHOsj0oGKwAAAAD9VZnoRUQ/OuRdt5gV7NMf2RBnfxjFIauS8iMXMiA8YAABxgXeagAAWCbPT7bp3xwCAAAAAApZWg==",
);

function bytes(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}
