package dev.narthex.publish.recognize;

import dev.narthex.spi.Job;
import jakarta.enterprise.context.ApplicationScoped;

/** Job that makes derived files from the trees in a path, after the path was recognized. */
@ApplicationScoped
public class TranscodingJob implements Job {
    public static final String KIND = "transcode";

    private final ReleaseRecognition recognition;

    TranscodingJob(ReleaseRecognition recognition) {
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
