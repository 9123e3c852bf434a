// The capabilities `files` and `blobs`.

package slipway

import (
	blobs "slipway/internal/bindings/imports/slipway_plugin_blobs"
	files "slipway/internal/bindings/imports/slipway_plugin_files"
	types "slipway/internal/bindings/imports/slipway_plugin_types"
	wit "slipway/wit/types"
)

type (
	content = wit.Result[[]byte, types.Failure]
	nothing = wit.Result[wit.Unit, types.Failure]
)

func readFile(folder, path string) ([]byte, error) {
	return value(func() content { return files.Read(folder, path) })
}

func listFiles(folder, path string) ([]Entry, error) {
	found, err := value(func() wit.Result[[]files.Entry, types.Failure] { return files.ListFiles(folder, path) })
	return each(found, func(entry files.Entry) Entry { return Entry(entry) }), err
}

func writeFile(folder, path string, content []byte) error {
	return done(func() nothing { return files.Write(folder, path, content) })
}

func copyFile(folder, path, toFolder, toPath string) error {
	return done(func() nothing { return files.Copy(folder, path, toFolder, toPath) })
}

func removeFile(folder, path string) error {
	return done(func() nothing { return files.Remove(folder, path) })
}

func blobEntries(blob string) ([]ArchiveEntry, error) {
	found, err := value(func() wit.Result[[]blobs.ArchiveEntry, types.Failure] { return blobs.Entries(blob) })
	return each(found, func(entry blobs.ArchiveEntry) ArchiveEntry {
		target, _ := option(entry.Target)
		return ArchiveEntry{entry.Path, EntryKind(entry.Kind), entry.Size, entry.Mode, target}
	}), err
}

func blobFiles(blob string) ([]File, error) {
	found, err := value(func() wit.Result[[]types.File, types.Failure] { return blobs.Files(blob) })
	return each(found, func(file types.File) File { return File(file) }), err
}

func readBlob(blob string) ([]byte, error) {
	return value(func() content { return blobs.Read(blob) })
}

func unpackBlob(blob, folder, path string, strip uint32) error {
	return done(func() nothing { return blobs.Unpack(blob, folder, path, strip) })
}

func placeBlob(blob, folder, path string, executable bool) error {
	return done(func() nothing { return blobs.Place(blob, folder, path, executable) })
}
