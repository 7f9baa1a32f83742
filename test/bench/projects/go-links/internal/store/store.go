// Package store keeps links in a JSON file.
package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"sync"
)

// Store is safe for concurrent use.
type Store struct {
	mu    sync.RWMutex
	file  string
	links map[string]string
}

// Open reads the links of a file; a file that does not exist has none.
func Open(file string) (*Store, error) {
	s := &Store{file: file, links: map[string]string{}}
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return s, nil
	}
	if err != nil {
		return nil, err
	}
	return s, json.Unmarshal(text, &s.links)
}

// Get returns the target of a link.
func (s *Store) Get(name string) (string, bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	target, ok := s.links[name]
	return target, ok
}

// Set changes a link and writes the file.
func (s *Store) Set(name, target string) error {
	parsed, err := url.Parse(target)
	if err != nil || parsed.Scheme == "" || parsed.Host == "" {
		return fmt.Errorf("%q is not an absolute URL", target)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.links[name] = target
	text, err := json.MarshalIndent(s.links, "", "  ")
	if err != nil {
		return err
	}
	partial := filepath.Join(filepath.Dir(s.file), ".links.partial")
	if err := os.WriteFile(partial, text, 0o600); err != nil {
		return err
	}
	return os.Rename(partial, s.file)
}
