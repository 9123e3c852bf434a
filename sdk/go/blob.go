// Big immutable bytes, which stay with the host.

package slipway

// Blob is the digest (`sha256:...`) of bytes that the host keeps. A plugin can use only those that a call handed to it.
type Blob string

// EntryKind says what an entry of an archive is.
type EntryKind uint8

// The kinds of the contract, in its order.
const (
	EntryFile EntryKind = iota
	EntryDirectory
	EntrySymlink
	EntryHardlink
	EntryDevice
	EntryOther
)

// ArchiveEntry is one as it stands in the archive.
type ArchiveEntry struct {
	Path string
	Kind EntryKind
	Size uint64
	Mode uint32
	// Target is where a link leads; empty for what is none.
	Target string
}

// Entries of a tar, tar.gz, tar.zst or zip, as they stand, at most 100,000. [read]
func (b Blob) Entries() ([]ArchiveEntry, error) {
	return blobEntries(string(b))
}

// Files are the regular files of an archive with what they hold, sorted by path, at most 10,000 and 16 MiB together. [read]
func (b Blob) Files() ([]File, error) {
	return blobFiles(string(b))
}

// Read gives the bytes themselves, at most 16 MiB: a manifest, a list. [read]
func (b Blob) Read() ([]byte, error) {
	return readBlob(string(b))
}

// Unpack fills a folder that this call alone fills: complete or not there. Absolute paths, `..`, links that leave, devices
// and bombs are refused. So many leading path elements are dropped. [idempotent]
func (b Blob) Unpack(folder Folder, path string, strip uint32) error {
	return unpackBlob(string(b), string(folder), path, strip)
}

// Put makes one file of the bytes. [idempotent]
func (b Blob) Put(folder Folder, path string, executable bool) error {
	return placeBlob(string(b), string(folder), path, executable)
}
