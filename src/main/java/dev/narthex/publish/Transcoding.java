package dev.narthex.publish;

import dev.narthex.spi.Job;
import jakarta.enterprise.context.ApplicationScoped;

/** Job that makes derived files from the trees in a path, after the path was recognized. */
@ApplicationScoped
class Transcoding implements Job {
    static final String KIND = "transcode";

    private final Recognition recognition;

    Transcoding(Recognition recognition) {
        this.recognition = recognition;
    }

    @Override
    public String kind() {
        return KIND;
    }

    @Override
    public boolean patient() {
        return true;
    }

    @Override
    public void run(String key) {
        recognition.transcode(key);
    }
}
