package dev.narthex.plugin.cargo;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.narthex.spi.Registry;
import dev.narthex.spi.Registry.PackageName;
import java.io.IOException;
import java.io.OutputStream;

/**
 * Streams the list of all crates of a cache, each with its newest version, its checksum and its path in the index. Mirrors need
 * it because a sparse index cannot be listed. Holds one crate at a time in memory.
 */
record CrateList(Registry registry) {
    private static final JsonFactory JSON = new JsonFactory();
    private static final int AT_ONCE = 500;

    void write(OutputStream out) throws IOException {
        try (var json = JSON.createGenerator(out)) {
            json.writeStartObject();
            json.writeArrayFieldStart("crates");
            for (var names = registry.names(CargoEcosystem.ID, "", AT_ONCE);
                    !names.isEmpty();
                    names = registry.names(CargoEcosystem.ID, names.getLast().normalized(), AT_ONCE)) {
                for (var name : names) {
                    write(name, json);
                }
            }
            json.writeEndArray();
            json.writeEndObject();
        }
    }

    private void write(PackageName name, JsonGenerator json) throws IOException {
        var newest = registry.find(CargoEcosystem.ID, name.normalized())
                .flatMap(view -> IndexFile.of(view).newest());
        if (newest.isPresent()) {
            var crate = newest.get();
            json.writeStartObject();
            json.writeStringField("name", crate.manifest().name().text());
            json.writeStringField("vers", crate.manifest().version());
            json.writeStringField("cksum", crate.cksum());
            json.writeStringField("index", crate.manifest().name().indexPath());
            json.writeEndObject();
        }
    }
}
