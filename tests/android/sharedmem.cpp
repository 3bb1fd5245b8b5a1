// SPDX-License-Identifier: MIT
#include "sharedmem.c"
