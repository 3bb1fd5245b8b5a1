// SPDX-License-Identifier: MIT
#include "cutils.c"
