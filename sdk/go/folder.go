// Folders that the operator granted, by name.

package slipway

// Folder is a granted one. Paths in it are relative and cannot leave it, not even by a link.
type Folder string

// Deployment holds what adapt has made of the revision that a call is about. A target that needs it asks for
// `folder deployment`.
const Deployment Folder = "deployment"

// Entry of a folder.
type Entry struct {
	Path      string
	Directory bool
	Size      uint64
}

// Read gives the whole file, at most 16 MiB. [read]
func (f Folder) Read(path string) ([]byte, error) {
	return readFile(string(f), path)
}

// List names the files below a path (empty: in the whole folder), sorted, at most 10,000; where nothing is, none. Their paths
// begin at the folder. [read]
func (f Folder) List(path string) ([]Entry, error) {
	return listFiles(string(f), path)
}

// Write replaces the file as a whole, with its folders. [idempotent]
func (f Folder) Write(path string, content []byte) error {
	return writeFile(string(f), path, content)
}

// Copy takes a file, or a folder with all it holds, to another place; it is streamed by the host. [idempotent]
func (f Folder) Copy(path string, to Folder, toPath string) error {
	return copyFile(string(f), path, string(to), toPath)
}

// Remove takes a file away, or a folder with all it holds; nothing there is no error. [idempotent]
func (f Folder) Remove(path string) error {
	return removeFile(string(f), path)
}
