"""Times epochs of LeNet-5 on MNIST in PyTorch, with the recipe of `edgeconv train --model lenet5 --augment none`.

Batch 64, AdamW, a moving average of the weights, pictures in memory as one tensor, so that no loader is in the way. Needs PyTorch and
nothing else; prints the seconds of each epoch:

    python3 epoch.py ../../trainer/data/mnist 4 [threads]
"""
import gzip
import pathlib
import sys
import time

import torch
from torch import nn
from torch.nn import functional

BATCH, RATE, DECAY, AVERAGE, VALIDATION = 64, 0.003, 0.02, 0.9995, 5000


def read(folder, name, offset):
    with gzip.open(pathlib.Path(folder) / name) as file:
        return torch.frombuffer(bytearray(file.read()[offset:]), dtype=torch.uint8)


class LeNet5(nn.Sequential):
    def __init__(self):
        super().__init__(
            nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
            nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10))


def main():
    folder, epochs = sys.argv[1], int(sys.argv[2])
    torch.set_num_threads(int(sys.argv[3]) if len(sys.argv) > 3 else 1)
    torch.manual_seed(1)
    pictures = read(folder, "train-images-idx3-ubyte.gz", 16).view(-1, 1, 28, 28)[VALIDATION:]
    labels = read(folder, "train-labels-idx1-ubyte.gz", 8).long()[VALIDATION:]
    pictures = (pictures.float() / 255 - 0.1307) / 0.3081
    network, average = LeNet5(), LeNet5()
    average.load_state_dict(network.state_dict())
    optimizer = torch.optim.AdamW(network.parameters(), lr=RATE, weight_decay=DECAY)
    for _ in range(epochs):
        start = time.monotonic()
        order = torch.randperm(len(pictures))
        for first in range(0, len(order) - BATCH + 1, BATCH):
            chosen = order[first:first + BATCH]
            loss = functional.cross_entropy(network(pictures[chosen]), labels[chosen])
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            with torch.no_grad():
                for kept, now in zip(average.parameters(), network.parameters()):
                    kept.lerp_(now, 1 - AVERAGE)
            loss.item()
        print(f"{time.monotonic() - start:.2f}", flush=True)


main()
