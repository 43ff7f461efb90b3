# SPDX-License-Identifier: BSD-2-Clause
"""clusto-snmptrapd: hears from switches which MAC address appeared on which port, and acts on it in NetBox."""
