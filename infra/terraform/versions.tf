terraform {
  required_version = ">= 1.9"

  required_providers {
    google = {
      source  = "hashicorp/google"
      version = "~> 8.7"
    }
  }

  # The bucket is given at `terraform init -backend-config=bucket=...`: it must exist before anything here does.
  backend "gcs" {
    prefix = "stockcast"
  }
}

provider "google" {
  project = var.project_id
  region  = var.region

  default_labels = {
    application = "stockcast"
  }
}
