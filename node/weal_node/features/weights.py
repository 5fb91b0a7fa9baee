"""Which encoder a community shares: a head means nothing over another one's embeddings."""

ENCODER_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"  # of model.safetensors
WIDTH = 384  # numbers in an embedding
