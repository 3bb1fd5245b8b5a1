// SPDX-License-Identifier: MIT
package com.example.thumbnails;

import android.os.SharedMemory;
import android.system.ErrnoException;
import android.system.OsConstants;

import java.io.Closeable;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** As an application for Android has it: a picture that others may only read. */
public final class Frame implements Closeable {
    private final SharedMemory mMemory;
    private final int mWidth;

    public Frame(int width, int height, int color) {
        mWidth = width;
        try {
            mMemory = SharedMemory.create("frame", width * height * 4);
            ByteBuffer pixels = mMemory.mapReadWrite();
            pixels.order(ByteOrder.nativeOrder());
            for (int i = 0; i < width * height; i++) {
                pixels.putInt(color);
            }
            SharedMemory.unmap(pixels);
        } catch (ErrnoException e) {
            if (e.errno == OsConstants.ENOMEM) {
                throw new OutOfMemoryError(e.getMessage());
            }
            throw new RuntimeException(e);
        }
        if (!mMemory.setProtect(OsConstants.PROT_READ)) {
            throw new IllegalStateException("cannot be made read-only");
        }
    }

    public int colorAt(int x, int y) throws ErrnoException {
        ByteBuffer pixels = mMemory.map(OsConstants.PROT_READ, 0, mMemory.getSize());
        try {
            return pixels.order(ByteOrder.nativeOrder()).getInt((y * mWidth + x) * 4);
        } finally {
            SharedMemory.unmap(pixels);
        }
    }

    public SharedMemory getMemory() {
        return mMemory;
    }

    @Override
    public void close() {
        mMemory.close();
    }
}
