from ..core.errors import ClustoError
def main():
    raise ClustoError
if __name__ == "__main__":
    main()
