"""dakit runs in TensorBoard, MLflow and Weights & Biases."""
