package main

import (
	"fmt"
	"net/http"
	"os"
	"runtime"

	"example.org/greeting"
)

func main() {
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, greeting.From("Go")) })
	http.HandleFunc("/version", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, runtime.Version()) })
	if err := http.ListenAndServe(":"+os.Getenv("PORT"), nil); err != nil {
		panic(err)
	}
}
