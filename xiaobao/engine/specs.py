"""Kernelspecs of a server whose notebooks name the usual kernel and are to get the forked one."""

from __future__ import annotations

from jupyter_client.kernelspec import NATIVE_KERNEL_NAME, KernelSpec, KernelSpecManager, NoSuchKernel
from traitlets import Unicode


class ForkedByDefault(KernelSpecManager):
    """Gives the kernelspec named `forked` to whoever asks for the usual one; without it the usual one it is."""

    forked = Unicode("", config=True, help="The kernelspec whose kernels are forked; empty for none.")

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        """Return the forked spec for `python3`, the plain one with a warning where the forked one is not installed."""
        if self.forked and kernel_name == NATIVE_KERNEL_NAME:
            try:
                return super().get_kernel_spec(self.forked)
            except NoSuchKernel:
                self.log.warning("Kernelspec %s is not installed; kernels start plainly.", self.forked)
        return super().get_kernel_spec(kernel_name)
