"""Trains two small networks on MNIST in PyTorch and exports them to ONNX, the way its users do.

They are what the tests of the converter mean by other people's files. Needs PyTorch (tried with 1.13) and nothing else:

    python3 export.py ../../trainer/data/mnist ../EdgeConv.Tests/Converters/PyTorch
"""
import gzip
import pathlib
import sys

import torch
from torch import nn
from torch.nn import functional


class LeNet(nn.Module):
    """Convolutions, pooling, and the flattening that fills an export with Shape, Gather, Unsqueeze, Concat and Reshape."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 6, 5, padding=2)
        self.conv2 = nn.Conv2d(6, 12, 5)
        self.fc1 = nn.Linear(300, 48)
        self.fc2 = nn.Linear(48, 10)
        self.drop = nn.Dropout(0.2)

    def forward(self, x):
        x = functional.max_pool2d(functional.relu(self.conv1(x)), 2)
        x = functional.max_pool2d(functional.relu(self.conv2(x)), 2)
        x = x.view(x.size(0), -1)
        x = self.drop(functional.relu(self.fc1(x)))
        return functional.log_softmax(self.fc2(x), dim=1)


class Excite(nn.Module):
    """Squeeze and excitation: a factor a channel from the mean of the picture."""

    def __init__(self, channels):
        super().__init__()
        self.down = nn.Conv2d(channels, channels // 4, 1)
        self.up = nn.Conv2d(channels // 4, channels, 1)

    def forward(self, x):
        factor = functional.adaptive_avg_pool2d(x, 1)
        return x * functional.hardsigmoid(self.up(functional.relu(self.down(factor))))


class Block(nn.Module):
    """Inverted residual: wide, depthwise, narrow, added to what came in."""

    def __init__(self, channels, wide):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(channels, wide, 1, bias=False), nn.BatchNorm2d(wide), nn.Hardswish(),
            nn.Conv2d(wide, wide, 3, padding=1, groups=wide, bias=False), nn.BatchNorm2d(wide), nn.Hardswish(),
            Excite(wide),
            nn.Conv2d(wide, channels, 1, bias=False), nn.BatchNorm2d(channels))

    def forward(self, x):
        return x + self.layers(x)


class Mobile(nn.Module):
    """In the manner of MobileNetV3, for digits; two branches are concatenated on the way."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(1, 16, 3, 2, 1, bias=False), nn.BatchNorm2d(16), nn.Hardswish())
        self.first = Block(16, 32)
        self.left = nn.Conv2d(16, 16, 3, 2, 1)
        self.second = Block(32, 64)
        self.classes = nn.Linear(32, 10)

    def forward(self, x):
        x = self.first(self.stem(x))
        x = torch.cat([functional.relu6(self.left(x)), functional.avg_pool2d(x, 2)], 1)
        x = self.second(x).mean([2, 3])
        return self.classes(x)


def mnist(folder, part):
    """Pictures from 0 to 1, [N, 1, 28, 28], and labels."""
    with gzip.open(next(folder.glob(f"{part}-images*"))) as pictures, gzip.open(next(folder.glob(f"{part}-labels*"))) as labels:
        x = torch.frombuffer(bytearray(pictures.read()[16:]), dtype=torch.uint8).reshape(-1, 1, 28, 28)
        return x.float() / 255, torch.frombuffer(bytearray(labels.read()[8:]), dtype=torch.uint8).long()


def train(net, x, y, epochs):
    steps = epochs * (len(x) // 128)
    optimizer = torch.optim.AdamW(net.parameters(), lr=4e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 4e-3, total_steps=steps)
    net.train()
    for _ in range(epochs):
        for batch in torch.randperm(len(x)).split(128):
            if len(batch) == 128:
                optimizer.zero_grad()
                functional.cross_entropy(net(x[batch]), y[batch]).backward()
                optimizer.step()
                schedule.step()
    net.eval()


def main():
    source, target = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    target.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)
    (x, y), (test, truth) = mnist(source, "train"), mnist(source, "t10k")
    for name, net, opset in (("lenet", LeNet(), 11), ("mobile", Mobile(), 14)):
        torch.manual_seed(1)
        train(net, x, y, 2)
        with torch.no_grad():
            right = sum((net(a).argmax(1) == b).sum().item() for a, b in zip(test.split(1000), truth.split(1000)))
        torch.onnx.export(net, x[:1], str(target / f"{name}.onnx"), opset_version=opset, input_names=["image"],
                          output_names=["scores"], dynamic_axes={"image": {0: "batch"}, "scores": {0: "batch"}})
        print(f"{name}: {right / len(test):.2%} of MNIST's test set, opset {opset}")


main()
