//! Export: chosen entries as a tar of an OCI layout, the same bytes for the same entries. Unpacked it is an archive that
//! verifies; if entries are left out it says of itself that it is an excerpt.

use std::{collections::BTreeMap, io::Write};

use slipway_model::Digest;

use crate::{
    Archive, EntryId, Error, Result,
    format::{self, Extent, Index},
    places::copy,
};

impl Archive {
    /// All entries if none are named. Each blob is verified as it is written: after an error drop what was written.
    pub fn export(&self, ids: &[EntryId], out: impl Write) -> Result<()> {
        let index = self.index()?;
        if let Some(unknown) = ids
            .iter()
            .find(|id| !index.manifests.iter().any(|entry| entry.digest == **id))
        {
            return Err(Error::NoSuchEntry(unknown.to_string()));
        }
        let chosen: Vec<_> = index
            .entries()
            .filter(|entry| ids.is_empty() || ids.contains(&entry.digest))
            .collect();
        let extent = match chosen.len() < index.manifests.len() {
            true => Extent::Excerpt,
            false => index.extent(),
        };
        let mut blobs = BTreeMap::new();
        for listed in &chosen {
            let (manifest, _) = self.manifest(listed)?;
            blobs.insert(listed.digest, listed.size);
            let descriptors = [&manifest.config].into_iter().chain(&manifest.layers);
            blobs.extend(descriptors.map(|blob| (blob.digest, blob.size)));
        }
        let failed = Error::io("write the export of", self.place());
        let mut tar = tar::Builder::new(out);
        let head = format::to_bytes(&Index::of(chosen, extent));
        let write = |tar: &mut tar::Builder<_>| -> std::io::Result<()> {
            tar.append_data(
                &mut header(format::LAYOUT.len() as u64),
                "oci-layout",
                format::LAYOUT,
            )?;
            tar.append_data(&mut header(head.len() as u64), "index.json", head.as_slice())
        };
        write(&mut tar).map_err(failed)?;
        for (digest, size) in blobs {
            self.export_blob(&mut tar, digest, size)?;
        }
        tar.into_inner()
            .and_then(|mut out| out.flush())
            .map_err(Error::io("write the export of", self.place()))
    }

    fn export_blob(&self, tar: &mut tar::Builder<impl Write>, digest: Digest, size: u64) -> Result<()> {
        let mut header = header(size);
        let failed = || Error::io("export", self.store.blob(digest));
        header
            .set_path(format!("blobs/sha256/{}", digest.hex()))
            .map_err(failed())?;
        header.set_cksum();
        let out = tar.get_mut();
        out.write_all(header.as_bytes()).map_err(failed())?;
        copy(&*self.store, digest, size, out)?;
        let padding = size.next_multiple_of(512) - size;
        out.write_all(&[0; 512][..usize::try_from(padding).unwrap_or_default()])
            .map_err(failed())
    }
}

fn header(size: u64) -> tar::Header {
    let mut header = tar::Header::new_gnu();
    header.set_size(size);
    header.set_mode(0o644);
    header.set_mtime(0);
    header.set_uid(0);
    header.set_gid(0);
    header.set_entry_type(tar::EntryType::Regular);
    header
}
