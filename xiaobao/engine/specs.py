"""Kernelspecs of a server whose notebooks name the usual kernel and are to get the forked one."""

from __future__ import annotations

from jupyter_client.kernelspec import NATIVE_KERNEL_NAME, KernelSpec, KernelSpecManager, NoSuchKernel

KERNELSPEC = "xiaobao"


class ForkedByDefault(KernelSpecManager):
    """Gives the forked kernel to whoever asks for the usual one; without its kernelspec the usual one it is."""

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        if kernel_name == NATIVE_KERNEL_NAME:
            try:
                return super().get_kernel_spec(KERNELSPEC)
            except NoSuchKernel:
                self.log.warning("Kernelspec %s is not installed; kernels start plainly.", KERNELSPEC)
        return super().get_kernel_spec(kernel_name)
