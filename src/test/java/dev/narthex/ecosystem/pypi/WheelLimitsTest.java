package dev.narthex.ecosystem.pypi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class WheelLimitsTest {
    private static String limits(String... filenames) {
        return WheelLimits.of(List.of(filenames));
    }

    @Test
    void universalWheelAndSourceHaveNoLimits() {
        assertEquals("", limits("a-1-py3-none-any.whl"));
        assertEquals("", limits("a-1-py2.py3-none-any.whl", "a-1-cp313-cp313-win_amd64.whl"));
        assertEquals("", limits("a-1-cp313-cp313-win_amd64.whl", "a-1.tar.gz"));
        assertEquals("", limits());
    }

    @Test
    void pythonsAndSystemsAreNamed() {
        assertTrue(limits("a-1-cp313-cp313-linux_x86_64.whl")
                .startsWith("Only wheels for CPython 3.13 on linux_x86_64 and"));
        assertTrue(limits("a-1-pp310-pypy310_pp73-any.whl").startsWith("Only wheels for PyPy 3.10 and"));
        assertTrue(limits("a-1-cp38-abi3-macosx_11_0_arm64.whl")
                .startsWith("Only wheels for CPython 3.8 or newer on macosx_11_0_arm64 and"));
        assertTrue(limits("a-1-2-py3-none-manylinux_2_17_x86_64.manylinux2014_x86_64.whl")
                .startsWith("Only wheels for Python 3 on manylinux2014_x86_64, manylinux_2_17_x86_64 and"));
    }

    @Test
    void longLimitsAreCounted() {
        var names = List.of("39", "310", "311", "312", "313", "314").stream()
                .map(minor -> "a-1-cp" + minor + "-cp" + minor + "-win_amd64.whl")
                .toList();
        assertTrue(WheelLimits.of(names).contains(" and 2 more on win_amd64 and"), WheelLimits.of(names));
    }
}
