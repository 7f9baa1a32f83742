// Tells the time over HTTP.
package main

import (
	"fmt"
	"log"
	"net/http"
	"time"
)

var version = "none"

func main() {
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "clock %s: %s\n", version, time.Now().UTC().Format(time.RFC3339))
	})
	log.Fatal(http.ListenAndServe(":8080", nil))
}
