// SPDX-License-Identifier: MIT
package com.example.thumbnails;

import android.os.MemoryFile;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;

/**
 * As an application for Android has it, which knows nothing of this project:
 * thumbnails of equal size that can be drawn anew.
 */
public final class ThumbnailCache {
    public interface Painter {
        void paint(int number, byte[] pixels);
    }

    private final MemoryFile mFile;
    private final Painter mPainter;
    private final int mCount;
    private final byte[] mPixels;
    private int mRepaints;

    public ThumbnailCache(int count, int bytesEach, Painter painter) throws IOException {
        mFile = new MemoryFile("thumbnails", 8 + count * bytesEach);
        mPainter = painter;
        mCount = count;
        mPixels = new byte[bytesEach];
        paintAll();
        mFile.allowPurging(true);
    }

    public byte[] get(int number) throws IOException {
        byte[] pixels = new byte[mPixels.length];
        try {
            mFile.readBytes(pixels, offsetOf(number), 0, pixels.length);
        } catch (IOException purged) {
            mRepaints++;
            paintAll();
            mFile.readBytes(pixels, offsetOf(number), 0, pixels.length);
        }
        return pixels;
    }

    /** What is written at the start: how many there are, and of which size. */
    public int[] readHeader() throws IOException {
        try (DataInputStream in = new DataInputStream(mFile.getInputStream())) {
            return new int[] {in.readInt(), in.readInt()};
        }
    }

    public int getRepaints() {
        return mRepaints;
    }

    public void close() {
        mFile.close();
    }

    private int offsetOf(int number) {
        return 8 + number * mPixels.length;
    }

    private void paintAll() throws IOException {
        boolean purgeable = mFile.allowPurging(false);
        try (DataOutputStream out = new DataOutputStream(mFile.getOutputStream())) {
            writeHeader(out);
        } catch (IOException purged) {
            try (DataOutputStream out = new DataOutputStream(mFile.getOutputStream())) {
                writeHeader(out);
            }
        }
        for (int i = 0; i < mCount; i++) {
            mPainter.paint(i, mPixels);
            mFile.writeBytes(mPixels, 0, offsetOf(i), mPixels.length);
        }
        mFile.allowPurging(purgeable);
    }

    private void writeHeader(DataOutputStream out) throws IOException {
        out.writeInt(mCount);
        out.writeInt(mPixels.length);
    }
}
